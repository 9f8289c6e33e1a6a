//! Deletes interactions at Corti and reports truthfully what happened.
