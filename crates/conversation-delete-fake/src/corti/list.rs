//! Corti's list of interactions: pages by number, without a total.

use serde::Serialize;

use super::{Corti, STATUSES, body};
use crate::backend::{Backend as _, Call, Decision};
use crate::ids::scatter;
use crate::keys::{Owner, Role};
use crate::message::FakeReply;
use crate::records::{Filter, Item, Order, Selection};
use crate::target::Target;
use crate::world::{Effect, World};

/// Docs: the default of `pageSize`; no maximum is known.
const PAGE_SIZE: u64 = 10;

/// What a list is asked for.
struct Query {
    sort: Sort,
    ascending: bool,
    page: usize,
    size: usize,
    filter: Filter,
}

/// Docs: no total, no cursor, no word of more.
#[derive(Serialize)]
struct Page<'a> {
    interactions: Vec<body::Interaction<'a>>,
}

#[derive(Clone, Copy)]
enum Sort {
    By(Order),
    /// Tests: "return different results every time".
    Shuffled,
}

impl Corti {
    /// Docs: `GET /interactions/`, "with trailing slash"; without it a framework says 404, or does not mind (assumed).
    pub(super) fn list(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        if call.target.segments.len() == 2 && world.options.is("list_without_slash", "404") {
            return Err(FakeReply::new(404));
        }
        let role = self.authenticate(call, world, Role::can_read)?;
        // Catalogue: A0013 for a bad query; that it is the response here is assumed.
        let query = Query::read(call.target, world).ok_or_else(|| self.error(400, Some("A0013"), world))?;
        let items = query.items(role.owner(), world);
        let last = items.last().map(|item| item.id.to_owned());
        let page = Page { interactions: items.iter().map(body::interaction).collect() };
        // Tests: an empty page is `[]`.
        Ok(Decision::new(FakeReply::of(200, &page), vec![Effect::Listed { owner: role.owner(), last }]))
    }
}

impl Query {
    /// `None` if a parameter cannot be understood.
    fn read(target: &Target, world: &World) -> Option<Self> {
        let size = target.number("pageSize", PAGE_SIZE).filter(|size| *size > 0)?;
        // Docs: `index=2&pageSize=10` gives items 11 to 20.
        let index = target.number("index", 1).filter(|index| *index > 0)?;
        let index = if world.options.is("stuck_page", "yes") { 1 } else { index };
        Some(Self {
            sort: sort(target.value("sort"))?,
            ascending: is_ascending(target.value("direction"))?,
            page: usize::try_from(index - 1).unwrap_or(usize::MAX),
            size: usize::try_from(size).unwrap_or(usize::MAX),
            filter: filter(target, world)?,
        })
    }

    fn items<'a>(&self, owner: Owner, world: &'a World) -> Vec<Item<'a>> {
        match self.sort {
            Sort::By(order) => {
                world.select(owner, order, self.filter.clone()).page(self.page, self.size, self.ascending)
            }
            Sort::Shuffled => {
                let selection = world.select(owner, Order::Created, self.filter.clone());
                shuffled(&selection, self.page.saturating_mul(self.size), self.size, world.request_number)
            }
        }
    }
}

/// Docs: the fields; when an interaction ended is here when it was last updated.
fn sort(name: Option<&str>) -> Option<Sort> {
    Some(match name.unwrap_or("createdAt") {
        "id" => Sort::By(Order::Id),
        "createdAt" => Sort::By(Order::Created),
        "updatedAt" | "endedAt" => Sort::By(Order::Updated),
        "assignedUserId" => Sort::By(Order::Agent),
        "patient" => Sort::Shuffled,
        _ => return None,
    })
}

fn is_ascending(direction: Option<&str>) -> Option<bool> {
    match direction.unwrap_or("desc") {
        "asc" => Some(true),
        "desc" => Some(false),
        _ => None,
    }
}

/// Tests: of several `encounterStatus` values only one is honoured; which one is assumed.
fn filter(target: &Target, world: &World) -> Option<Filter> {
    let mut statuses = target.values("encounterStatus").filter(|status| !status.is_empty());
    let status = if world.options.is("repeated_status", "first") { statuses.next() } else { statuses.last() };
    let known = status.filter(|status| STATUSES.contains(status));
    if status != known && world.options.is("unknown_status", "400") {
        return None;
    }
    let user = target.value("patient").map(str::to_owned);
    Some(Filter { status: known.map(str::to_owned), user, ..Filter::default() })
}

/// A page of an order that is another one for each request: steps of a width that shares no divisor with the count
/// meet every position once.
fn shuffled<'a>(selection: &Selection<'a>, first: usize, size: usize, number: u64) -> Vec<Item<'a>> {
    let count = selection.len();
    // Every width shares its divisors with 0, so the search below would not end.
    if count == 0 {
        return Vec::new();
    }
    let last = first.saturating_add(size).min(count);
    let random = usize::try_from(scatter(number) >> 33).unwrap_or_default();
    let step = (random..).find(|step| divisor(*step, count) == 1).unwrap_or(1);
    (first..last).filter_map(|at| selection.item((random % count + at % count * (step % count)) % count)).collect()
}

fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}
