//! Deletes video conversations at Tavus, soft or hard, and reports truthfully what happened.
