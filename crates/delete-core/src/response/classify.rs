//! What an answer means: decided here once for all vendors, by the status first. A vendor's [`ResponseRules`] says what its
//! successes are, how its errors read, and which of its codes mean something else than their status.

use std::fmt;

use crate::response::{BodyKind, BufferedResponse};
use crate::{ErrorKind, Outcome};

/// How one vendor answers one kind of call.
#[derive(Clone, Copy)]
pub struct ResponseRules {
    /// What a 2xx means. It is asked only when the body is empty, JSON or cut off.
    pub classify_success: fn(&BufferedResponse) -> Verdict,
    /// What the body of an error says. It gets any bytes, also none.
    pub read_error: fn(&BufferedResponse) -> VendorError,
    /// Which of the vendor's errors mean something else than their status; `None` leaves it to the status.
    pub override_by_code: fn(&BufferedResponse, &VendorError) -> Option<Verdict>,
}

impl ResponseRules {
    /// What a 2xx to a read means: 200 holds something to be read, if all of it came. No other 2xx is documented for a
    /// read, and a partial or changed one (203, 206) would prove nothing.
    pub fn read_success(response: &BufferedResponse) -> Verdict {
        if response.status() != 200 || response.is_error_page() {
            Verdict::Fail(ErrorKind::UnexpectedResponse)
        } else if response.is_complete() {
            Verdict::Done(Outcome::Acknowledged)
        } else if response.is_over_limit() {
            Verdict::Fail(ErrorKind::UnexpectedResponse)
        } else {
            Verdict::BodyLost
        }
    }
}

impl fmt::Debug for ResponseRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseRules").finish_non_exhaustive()
    }
}

/// What the vendor said of a failure, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorError {
    /// The vendor's codes, the most telling first.
    pub codes: Vec<String>,
    /// The vendor's explanation.
    pub message: Option<String>,
    /// The id of the request, where the body holds it.
    pub request_id: Option<String>,
    /// A likely cause that the vendor cannot know of, in our words.
    pub hint: Option<&'static str>,
}

impl VendorError {
    /// Whether one of the codes is `code`.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own == code)
    }

    /// Whether the explanation holds `text`, in any case of letters.
    pub fn says(&self, text: &str) -> bool {
        self.message.as_ref().is_some_and(|own| own.to_lowercase().contains(&text.to_lowercase()))
    }
}

/// What an answer means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The vendor did it.
    Done(Outcome),
    /// The vendor knows no such record: [`ErrorKind::NotFound`] at first contact, [`Outcome::Gone`] after an ambiguous
    /// attempt.
    Absent,
    /// A 404 that is not in the vendor's own words, which a gateway says of a route that is down:
    /// [`ErrorKind::NotFound`] on the first attempt, [`ErrorKind::UnexpectedResponse`] after an ambiguous one. It is
    /// never [`Outcome::Gone`].
    BareNotFound,
    /// What was accessible is removed, something was not: [`Outcome::Unresolved`] at first contact, [`Outcome::Gone`]
    /// after an ambiguous attempt.
    PartlyAbsent,
    /// The credential was refused, and a fresh one may be taken. Where there is none, it is this failure.
    StaleCredential(ErrorKind),
    /// The body decides, and it broke off: like a broken connection.
    BodyLost,
    /// This failure may pass: try again.
    Retry(ErrorKind),
    /// This failure stands.
    Fail(ErrorKind),
}

/// The verdict on an answer, and what the vendor said of a failure.
pub(crate) fn classify(rules: &ResponseRules, response: &BufferedResponse) -> (Verdict, VendorError) {
    let status = response.status();
    match status {
        200..=299 => {
            let verdict = match response.body_kind() {
                BodyKind::NotJson => Verdict::Fail(ErrorKind::UnexpectedResponse),
                _ => (rules.classify_success)(response),
            };
            (verdict, VendorError::default())
        }
        400..=599 => {
            let error = (rules.read_error)(response);
            let verdict = (rules.override_by_code)(response, &error).unwrap_or_else(|| by_status(status));
            (verdict, error)
        }
        _ => (Verdict::Fail(ErrorKind::UnexpectedResponse), VendorError::default()),
    }
}

fn by_status(status: u16) -> Verdict {
    match status {
        401 => Verdict::Fail(ErrorKind::Unauthenticated),
        402 => Verdict::Fail(ErrorKind::PaymentRequired),
        403 => Verdict::Fail(ErrorKind::Forbidden),
        // Only a vendor's own shape means "no such record": a bare 404 comes from a wrong base URL or a proxy.
        404 => Verdict::Fail(ErrorKind::UnexpectedResponse),
        // Of the proxy in between, not of the vendor.
        407 => Verdict::Fail(ErrorKind::Configuration),
        408 => Verdict::Retry(ErrorKind::Timeout),
        429 => Verdict::Retry(ErrorKind::RateLimited),
        500.. if is_retryable_status(status) => Verdict::Retry(ErrorKind::Server),
        500.. => Verdict::Fail(ErrorKind::Server),
        _ => Verdict::Fail(ErrorKind::Rejected),
    }
}

/// The statuses after which the same request may succeed. 501 and the rest of the 5xx are answers for good.
pub(crate) fn is_retryable_status(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Whether an answer leaves open what happened: the request timed out at the server, or the server failed on the way.
pub(crate) fn is_ambiguous(status: u16, verdict: Verdict) -> bool {
    verdict == Verdict::BodyLost || status == 408 || (500..=599).contains(&status)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::response::BodyEnd;

    const PLAIN: ResponseRules = ResponseRules {
        classify_success: |_| Verdict::Done(Outcome::Deleted),
        read_error: |_| VendorError { codes: vec!["teapot".into()], ..VendorError::default() },
        override_by_code: |answer, error| {
            (answer.status() == 418 && error.has_code("teapot")).then_some(Verdict::Absent)
        },
    };

    fn verdict(status: u16, body: &str) -> Verdict {
        classify(&PLAIN, &BufferedResponse::new(status, HeaderMap::new(), body.into(), BodyEnd::Complete)).0
    }

    #[test]
    fn only_a_success_status_is_a_success() {
        for status in 100..=599 {
            let done = verdict(status, "") == Verdict::Done(Outcome::Deleted);
            assert_eq!(done, (200..300).contains(&status), "{status}");
        }
        assert_eq!(verdict(700, ""), Verdict::Fail(ErrorKind::UnexpectedResponse));
    }

    #[test]
    fn a_page_is_no_success() {
        assert_eq!(verdict(200, "<html>Sign in</html>"), Verdict::Fail(ErrorKind::UnexpectedResponse));
        assert_eq!(verdict(202, "<html>"), Verdict::Fail(ErrorKind::UnexpectedResponse));
    }

    #[test]
    fn exactly_the_listed_statuses_are_tried_again() {
        let retried: Vec<u16> = (100..=599).filter(|s| matches!(verdict(*s, ""), Verdict::Retry(_))).collect();
        assert_eq!(retried, [408, 429, 500, 502, 503, 504]);
    }

    #[test]
    fn a_read_succeeds_with_200_alone() {
        let read = ResponseRules { classify_success: ResponseRules::read_success, ..PLAIN };
        let verdict = |status| {
            classify(&read, &BufferedResponse::new(status, HeaderMap::new(), "{}".into(), BodyEnd::Complete)).0
        };
        let read: Vec<u16> = (200..300).filter(|s| matches!(verdict(*s), Verdict::Done(_))).collect();
        assert_eq!(read, [200]);
    }

    #[test]
    fn timeouts_and_server_failures_are_ambiguous() {
        let ambiguous: Vec<u16> = (100..=599).filter(|s| is_ambiguous(*s, verdict(*s, ""))).collect();
        assert_eq!(ambiguous, [408].into_iter().chain(500..=599).collect::<Vec<u16>>());
        assert!(is_ambiguous(200, Verdict::BodyLost));
    }

    #[test]
    fn a_vendor_overrides_by_its_codes() {
        assert_eq!(verdict(418, ""), Verdict::Absent);
        assert_eq!(verdict(404, ""), Verdict::Fail(ErrorKind::UnexpectedResponse));
    }
}
