//! Deletes conversations of ElevenLabs agents and reports truthfully what happened.
