//! What goes wrong with the cursors of lists, for the vendors that have them.

use crate::options::OptionSpec;
use crate::world::{Effect, World};

const NAME: &str = "cursor_fault";

pub(crate) const CURSOR_FAULT: OptionSpec = OptionSpec::choice(
    NAME,
    &["none", "repeats", "missing", "missing_at_end", "expires", "trailing"],
    "what is wrong with cursors: always the same one; none although there is more; none although the last page says \
     that there is more; one refused once, after the second page; one although there is no more",
);

/// Whether there is more, and the cursor to it; `last` is the cursor that the end of this page makes.
pub(crate) fn next(world: &World, given: Option<&str>, ahead: bool, last: Option<String>) -> (bool, Option<String>) {
    match world.options.get(NAME) {
        "repeats" => (true, given.map(str::to_owned).or(last)),
        "missing" if ahead => (true, None),
        "missing_at_end" if !ahead => (true, None),
        "trailing" if !ahead => (false, last),
        _ => (ahead, last.filter(|_| ahead)),
    }
}

/// Whether a cursor has expired: the second one that comes after the option was set.
pub(crate) fn has_expired(world: &World) -> bool {
    world.options.is(NAME, "expires") && world.options.used(NAME) == 1
}

/// That a cursor was received.
pub(crate) fn received() -> Effect {
    Effect::Used(NAME)
}
