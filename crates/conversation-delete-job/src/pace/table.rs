//! The pace against vendors with limits of all kinds, in a time that passes only here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::*;

/// What a 429 names, and what happens until then.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    /// It names a fixed time, in which the vendor would answer all the same.
    Penalty,
    /// Nothing is answered in that time, and what comes in it makes it longer.
    Strict,
    /// So many requests in each window; a 429 names the rest of it, in whole seconds.
    Window,
}

struct Vendor {
    limit: Limit,
    rate: f64,
    burst: f64,
    /// Seconds that a 429 names, or the length of the window.
    wait: Option<f64>,
    level: f64,
    since: f64,
    refused_until: f64,
    window: u64,
}

impl Vendor {
    fn new(limit: Limit, rate: f64, burst: f64, wait: Option<f64>) -> Self {
        Self { limit, rate, burst, wait, level: burst, since: 0.0, refused_until: 0.0, window: 0 }
    }

    /// Takes a request at this time, or names a wait.
    fn ask(&mut self, time: f64) -> Result<(), Option<f64>> {
        match self.limit {
            Limit::Window => self.ask_window(time),
            Limit::Penalty | Limit::Strict => self.ask_bucket(time),
        }
    }

    fn ask_window(&mut self, time: f64) -> Result<(), Option<f64>> {
        let length = self.wait.unwrap_or(1.0);
        let window = (time / length) as u64 + 1;
        if window != self.window {
            self.window = window;
            self.level = self.rate * length;
        }
        if self.level >= 1.0 {
            self.level -= 1.0;
            return Ok(());
        }
        Err(self.wait.map(|_| (window as f64 * length - time).ceil()))
    }

    fn ask_bucket(&mut self, time: f64) -> Result<(), Option<f64>> {
        self.level = (self.level + (time - self.since) * self.rate).min(self.burst);
        self.since = time;
        let is_in_penalty = time < self.refused_until;
        if self.level >= 0.999_999 && !is_in_penalty {
            self.level -= 1.0;
            return Ok(());
        }
        if self.limit == Limit::Strict {
            self.refused_until = time + self.wait.unwrap_or_default();
        }
        Err(self.wait)
    }

    /// The shortest time for so many requests of a client that knows the limit.
    fn shortest(&self, requests: f64, concurrency: f64, latency: f64) -> f64 {
        let reserve = if self.limit == Limit::Window { self.rate * self.wait.unwrap_or(1.0) } else { self.burst };
        ((requests - reserve) / self.rate).max(requests * latency / concurrency)
    }
}

/// Sends as a lane does. The seconds that it took, and how many responses were 429.
fn run(vendor: &mut Vendor, concurrency: usize, latency: f64, requests: usize) -> (f64, usize) {
    let start = Instant::now();
    let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
    let mut pacer = Pacer::new(Limits { concurrency, ..Limits::default() }, start);
    let mut in_flight = BinaryHeap::new();
    let mut calls = BTreeMap::new();
    let (mut now, mut number, mut done, mut refused) = (0.0_f64, 0_u64, 0, 0);
    while done < requests {
        // A lane sends one request until the first response came.
        let most = if done == 0 { 1 } else { pacer.concurrency() };
        let mut wakes_at = f64::INFINITY;
        if done + calls.len() < requests && calls.len() < most {
            let wait = pacer.wait(at(now), 1);
            if wait.is_zero() {
                pacer.sent(at(now), 1);
                number += 1;
                calls.insert(number, (now, vendor.ask(now + latency / 2.0)));
                in_flight.push(Reverse((at(now + latency), number)));
                continue;
            }
            wakes_at = now + wait.as_secs_f64();
        }
        let ends_at = in_flight.peek().map_or(f64::INFINITY, |Reverse((end, _))| (*end - start).as_secs_f64());
        now = now.max(ends_at.min(wakes_at));
        if wakes_at < ends_at {
            continue;
        }
        let Some(Reverse((_, number))) = in_flight.pop() else { continue };
        let Some((sent_at, answer)) = calls.remove(&number) else { continue };
        match answer {
            Ok(()) => {
                done += 1;
                pacer.answered(at(now), 1, at(sent_at));
            }
            Err(wait) => {
                refused += 1;
                pacer.throttled(at(now), at(sent_at), wait.map(Duration::from_secs_f64), false);
            }
        }
    }
    (now, refused)
}

const WAITS: [Option<f64>; 6] = [None, Some(1.0), Some(5.0), Some(30.0), Some(60.0), Some(300.0)];

/// Asserts what part of the reachable rate is reached, for each wait, and that few responses are 429.
#[track_caller]
fn check(limit: Limit, rate: f64, burst: f64, latency: f64, least: impl Fn(f64) -> f64) {
    for wait in WAITS {
        for concurrency in [4, 16, 64] {
            let seconds = (12.0 * wait.unwrap_or_default()).max(300.0).max(6_000.0 / rate);
            let most = rate.min(concurrency as f64 / latency);
            let requests = (most * seconds) as usize;
            let mut vendor = Vendor::new(limit, rate, burst, wait);
            let shortest = vendor.shortest(requests as f64, concurrency as f64, latency);
            let (took, refused) = run(&mut vendor, concurrency, latency, requests);
            let part = shortest / took;
            let case = format!("{limit:?} {rate}/s, burst {burst}, {latency} s, wait {wait:?}, {concurrency} at once");
            assert!(part >= least(wait.unwrap_or_default()), "{case}: {part:.3} of the reachable rate");
            assert!(refused * 100 <= requests + refused, "{case}: {refused} of {requests} refused");
        }
    }
}

fn promised(wait: f64) -> f64 {
    if wait <= 5.0 { 0.9 } else { 0.6 }
}

#[test]
fn most_of_a_limit_is_used_whatever_a_429_costs() {
    for limit in [Limit::Penalty, Limit::Strict, Limit::Window] {
        check(limit, 20.0, 20.0, 0.1, promised);
    }
}

#[test]
fn the_pace_fits_limits_of_other_rates_bursts_and_latencies() {
    for (rate, burst, latency) in [
        (5.0, 5.0, 0.1),
        (5.0, 100.0, 0.1),
        (20.0, 20.0, 0.02),
        (20.0, 100.0, 0.1),
        (50.0, 50.0, 0.1),
        (200.0, 100.0, 0.1),
        (200.0, 200.0, 0.02),
    ] {
        for limit in [Limit::Penalty, Limit::Strict] {
            check(limit, rate, burst, latency, promised);
        }
    }
    for (rate, latency) in [(5.0, 0.1), (20.0, 0.02)] {
        check(Limit::Window, rate, 0.0, latency, promised);
    }
}

#[test]
fn a_limit_without_any_burst_is_approached_from_below() {
    for (rate, latency) in [(5.0, 0.1), (5.0, 0.02), (20.0, 0.1), (50.0, 0.1)] {
        check(Limit::Penalty, rate, 1.0, latency, |wait| if wait <= 1.0 { 0.85 } else { 0.6 });
    }
}

#[test]
fn a_near_vendor_is_approached_as_carefully() {
    for (rate, burst, latency) in
        [(5.0, 5.0, 0.001), (20.0, 20.0, 0.001), (20.0, 20.0, 0.005), (20.0, 100.0, 0.001), (200.0, 200.0, 0.001)]
    {
        for limit in [Limit::Penalty, Limit::Strict] {
            check(limit, rate, burst, latency, promised);
        }
    }
    for rate in [5.0, 20.0, 200.0] {
        check(Limit::Window, rate, 0.0, 0.001, promised);
    }
}

/// Seconds until this many requests of a vendor without a limit were answered.
fn seconds_without_limit(latency: f64, requests: usize) -> f64 {
    run(&mut Vendor::new(Limit::Penalty, 1e9, 1e9, None), 64, latency, requests).0
}

#[test]
fn without_a_limit_the_pace_soon_keeps_nothing_back() {
    for (latency, most) in [(0.000_5, 0.5), (0.001, 0.6), (0.01, 1.5)] {
        let (few, many) = (20_000, 40_000);
        let kept = seconds_without_limit(latency, few) - few as f64 * latency / 64.0;
        assert!(kept < most, "{latency} s: {kept:.2} s");
        let later = seconds_without_limit(latency, many) - many as f64 * latency / 64.0;
        assert!(later < kept + 0.05, "{latency} s: {later:.2} s after {kept:.2} s");
    }
}
