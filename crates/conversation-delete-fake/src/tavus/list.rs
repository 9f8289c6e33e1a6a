//! Tavus' list: pages by number, with a total.

use serde_json::{Value, json};

use super::body::conversation;
use super::{Tavus, message};
use crate::backend::{Call, Decision};
use crate::keys::Role;
use crate::message::FakeReply;
use crate::records::{Filter, Order};
use crate::world::{Effect, World};

/// Docs: the default of `limit`; no maximum is documented.
const LIMIT: u64 = 10;

impl Tavus {
    pub(super) fn list(&self, call: &Call<'_>, world: &World) -> Result<Decision, FakeReply> {
        let role = self.authenticate(call, world, Role::can_read)?;
        let (page, limit) = page_and_limit(call, world)?;
        let (order, ascending) = match world.options.get("order") {
            "oldest" => (Order::Created, true),
            "random" => (Order::Scattered, true),
            _ => (Order::Created, false),
        };
        let selection = world.select(role.owner(), order, filter(call, world)?);
        let items = selection.page(page, limit, ascending);
        let last = items.last().map(|item| item.id.to_owned());
        let data: Vec<Value> = items.iter().map(conversation).collect();
        let mut body = json!({ "data": data });
        if world.options.is("total_count", "present") {
            body["total_count"] = selection.len().into();
        }
        Ok(Decision::new(FakeReply::json(200, body.to_string()), vec![Effect::Listed { owner: role.owner(), last }]))
    }
}

/// Docs: `page` counts from 1; seen: from 0. Returned from 0. That other numbers are refused is assumed.
fn page_and_limit(call: &Call<'_>, world: &World) -> Result<(usize, usize), FakeReply> {
    let number = |name: &str, usual: u64, least: u64| {
        let number = call.target.number(name, usual).filter(|number| *number >= least);
        number.ok_or_else(|| message(400, "error", &format!("Invalid {name}")))
    };
    let first = world.options.number("first_page");
    let (page, limit) = (number("page", first, first)?, number("limit", LIMIT, 1)?);
    let page = if world.options.is("stuck_page", "yes") { first } else { page };
    // The vendor's own client takes a short page for the last one, so a cap would cut its lists (T17).
    let limit = match world.options.number("limit_cap") {
        0 => limit,
        cap => limit.min(cap),
    };
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok((whole(page - first), whole(limit)))
}

/// Docs: `active` or `ended`; the response to another word is unknown.
fn filter(call: &Call<'_>, world: &World) -> Result<Filter, FakeReply> {
    let status = call.target.value("status");
    let known = status.filter(|status| matches!(*status, "active" | "ended"));
    if status != known && world.options.is("unknown_status", "400") {
        return Err(message(400, "error", "Invalid status"));
    }
    let soft = world.options.is("after_soft_list", "visible");
    Ok(Filter { status: known.map(str::to_owned), soft, ..Filter::default() })
}
