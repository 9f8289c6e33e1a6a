//! What a response means: decided here once for all vendors, by the status first. A vendor's [`ResponseRules`] add what its
//! successes are, how its errors read, and which of its codes mean something else than their status.

use std::fmt;

use super::buffered::{BodyKind, BufferedResponse};
use crate::error::ErrorKind;
use crate::operation::Operation;
use crate::outcome::Outcome;

/// How the responses of one vendor to one kind of call are classified.
#[derive(Clone, Copy)]
pub struct ResponseRules {
    /// What a 2xx means. Except for a read, it is called only if the body is empty, JSON or truncated.
    pub classify_success: fn(&BufferedResponse) -> Verdict,
    /// Reads the body of an error, which may hold any bytes or none.
    pub read_error: fn(&BufferedResponse) -> VendorError,
    /// Which errors mean something else than their status; `None` leaves it to the status.
    pub override_by_code: fn(&BufferedResponse, &VendorError) -> Option<Verdict>,
}

impl ResponseRules {
    /// The [`classify_success`](Self::classify_success) of every read: 200 with a complete body. No other 2xx is documented
    /// for a read, and a partial or changed one (203, 206) would prove nothing.
    pub fn read_success(response: &BufferedResponse) -> Verdict {
        let is_retryable = !response.is_over_limit() && response.body_kind() != BodyKind::NotJson;
        match response.status() {
            200 if response.is_complete() => Verdict::Ok,
            200 if is_retryable => Verdict::BodyLost,
            _ => Verdict::UNEXPECTED,
        }
    }
}

impl fmt::Debug for ResponseRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseRules").finish_non_exhaustive()
    }
}

/// What the body of an error says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorError {
    /// The vendor's codes, the most precise first.
    pub codes: Vec<String>,
    /// The vendor's explanation.
    pub message: Option<String>,
    /// The id of the request, if the body holds it.
    pub request_id: Option<String>,
    /// A likely cause that the vendor cannot know of, in our words.
    pub hint: Option<&'static str>,
}

impl VendorError {
    /// Whether one of the codes is `code`.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own == code)
    }

    /// Whether the explanation contains `text`, regardless of case.
    pub fn says(&self, text: &str) -> bool {
        self.message.as_ref().is_some_and(|own| own.to_lowercase().contains(&text.to_lowercase()))
    }
}

/// What a response means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A delete, or the end of a conversation, succeeded.
    Done(Outcome),
    /// A read succeeded: the body holds what was requested.
    Ok,
    /// The vendor reports that there is no such record: [`ErrorKind::NotFound`] on the first attempt, [`Outcome::Gone`]
    /// after an ambiguous one.
    Absent,
    /// A 404 that is not in the vendor's own words, such as a gateway sends for a route that is down:
    /// [`ErrorKind::NotFound`] on the first attempt, [`ErrorKind::UnexpectedResponse`] after an ambiguous one. It is
    /// never [`Outcome::Gone`].
    BareNotFound,
    /// What was accessible is removed, something was not: [`Outcome::Unresolved`] on the first attempt, [`Outcome::Gone`]
    /// after an ambiguous one.
    PartlyAbsent,
    /// The credential was rejected and may be replaced by a fresh one. If there is none, the call fails with this kind.
    CredentialRejected(ErrorKind),
    /// The body decides, and its end is missing: like a broken connection.
    BodyLost,
    /// The failure is transient: retry.
    Retry(ErrorKind),
    /// The failure is permanent.
    Fail(ErrorKind),
}

impl Verdict {
    /// The response is not one that the vendor documents for this call.
    pub const UNEXPECTED: Self = Self::Fail(ErrorKind::UnexpectedResponse);

    /// Whether a response leaves the effect unknown: the request timed out at the server, or the server failed.
    pub(crate) fn is_ambiguous(self, status: u16) -> bool {
        self == Self::BodyLost || status == 408 || (500..=599).contains(&status)
    }
}

/// The verdict on a response and, for a failure, what its body says.
pub(crate) struct Classification {
    pub(crate) verdict: Verdict,
    pub(crate) details: VendorError,
}

impl Classification {
    /// The body of a complete read is not parsed here, because decoding it shows what it is; only its first byte is checked.
    pub(crate) fn new(rules: &ResponseRules, operation: Operation, response: &BufferedResponse) -> Self {
        let status = response.status();
        let (verdict, details) = match status {
            200..=299 if operation != Operation::Read && response.body_kind() == BodyKind::NotJson => {
                (Verdict::UNEXPECTED, VendorError::default())
            }
            200..=299 if operation == Operation::Read && response.is_complete() && !response.may_hold_records() => {
                (Verdict::UNEXPECTED, VendorError::default())
            }
            200..=299 => ((rules.classify_success)(response), VendorError::default()),
            // A firewall's page does not mean that the credential lacks a permission.
            403 if operation == Operation::Read && response.body_kind() == BodyKind::NotJson => {
                (Verdict::UNEXPECTED, VendorError::default())
            }
            400..=599 => {
                let details = (rules.read_error)(response);
                let verdict = (rules.override_by_code)(response, &details).unwrap_or_else(|| by_status(status));
                (verdict, details)
            }
            _ => (Verdict::UNEXPECTED, VendorError::default()),
        };
        Self { verdict, details }
    }
}

fn by_status(status: u16) -> Verdict {
    match status {
        401 => Verdict::Fail(ErrorKind::Unauthenticated),
        402 => Verdict::Fail(ErrorKind::PaymentRequired),
        403 => Verdict::Fail(ErrorKind::Forbidden),
        // Only a vendor's own form means "no such record": a bare 404 comes from a wrong base URL or a proxy.
        404 => Verdict::Fail(ErrorKind::UnexpectedResponse),
        // From a proxy in between, not from the vendor.
        407 => Verdict::Fail(ErrorKind::Configuration),
        408 => Verdict::Retry(ErrorKind::Timeout),
        429 => Verdict::Retry(ErrorKind::RateLimited),
        500.. if is_retryable_status(status) => Verdict::Retry(ErrorKind::Server),
        500.. => Verdict::Fail(ErrorKind::Server),
        _ => Verdict::Fail(ErrorKind::Rejected),
    }
}

/// The statuses after which the same request may succeed. 501 and the other 5xx are final.
fn is_retryable_status(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::response::buffered::BodyEnd;

    const PLAIN: ResponseRules = ResponseRules {
        classify_success: |_| Verdict::Done(Outcome::Deleted),
        read_error: |_| VendorError { codes: vec!["teapot".into()], ..VendorError::default() },
        override_by_code: |response, error| {
            (response.status() == 418 && error.has_code("teapot")).then_some(Verdict::Absent)
        },
    };

    fn classify(rules: &ResponseRules, operation: Operation, status: u16, body: &str) -> Classification {
        let response = BufferedResponse::new(status, HeaderMap::new(), body.to_owned().into(), BodyEnd::Complete);
        Classification::new(rules, operation, &response)
    }

    fn verdict(status: u16, body: &str) -> Verdict {
        classify(&PLAIN, Operation::Delete, status, body).verdict
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
    fn a_page_is_not_a_success() {
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
        let verdict = |status| classify(&read, Operation::Read, status, "{}").verdict;
        let read: Vec<u16> = (200..300).filter(|status| verdict(*status) == Verdict::Ok).collect();
        assert_eq!(read, [200]);
    }

    #[test]
    fn a_read_fails_without_an_object_or_an_array() {
        let read = ResponseRules { classify_success: ResponseRules::read_success, ..PLAIN };
        let verdict = |body| classify(&read, Operation::Read, 200, body).verdict;
        for body in ["", " ", "<html>Sign in</html>", "null", "false", "\"{}\"", "OK"] {
            assert_eq!(verdict(body), Verdict::UNEXPECTED, "{body:?}");
        }
        assert!(["{}", " \r\n[]"].iter().all(|body| verdict(body) == Verdict::Ok));
    }

    #[test]
    fn timeouts_and_server_failures_are_ambiguous() {
        let is_ambiguous = |status: &u16| verdict(*status, "").is_ambiguous(*status);
        let ambiguous: Vec<u16> = (100..=599).filter(is_ambiguous).collect();
        assert_eq!(ambiguous, [408].into_iter().chain(500..=599).collect::<Vec<u16>>());
        assert!(Verdict::BodyLost.is_ambiguous(200));
    }

    #[test]
    fn a_vendor_overrides_by_its_codes() {
        assert_eq!(verdict(418, ""), Verdict::Absent);
        assert_eq!(verdict(404, ""), Verdict::Fail(ErrorKind::UnexpectedResponse));
    }
}
