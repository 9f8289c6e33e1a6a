//! Deletes conversations at Fini, one by one or in bulk, and reports truthfully what happened.
