//! How far the search for the vendor's limit is.

/// Once the limit was met from below, the rate begins at this part of it.
const BELOW: f64 = 0.95;

#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// No 429 came so far.
    Start,
    /// After the first one.
    Probe { from: f64, span: f64, active: f64 },
    /// The rate reaches `plateau` after `span` seconds in which it was used, and then grows faster and faster.
    Search { from: f64, plateau: f64, span: f64, active: f64 },
}

pub(super) fn probe(from: f64, price: f64) -> Phase {
    let span = (price / 2.0).max(price.min(5.0)).max(2.0).max(8.0 / from);
    Phase::Probe { from, span, active: 0.0 }
}

/// `refused` is how many 429s the latest visit to the limit cost: with as many, the next one comes later.
pub(super) fn search(plateau: f64, span: f64, refused: f64) -> Phase {
    let span = span.max(10.0).max(200.0 * refused / plateau);
    Phase::Search { from: BELOW * plateau, plateau, span, active: 0.0 }
}
