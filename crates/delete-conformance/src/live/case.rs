//! The cases as data: what is sent, and which responses the vendor documents for it.

/// One case of the suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name, which `FIDELITY.md` cites.
    pub name: &'static str,
    /// The row of `FIDELITY.md` that it rests on, by the beginning of its first cell.
    pub source: &'static str,
    /// What it sends.
    pub ask: Ask,
    /// What the suite must have found earlier, besides the names in the request. Without it the case is not exercised.
    pub needs: Option<&'static str>,
    /// Values for later requests, by the member of the response that holds each.
    pub learns: &'static [(&'static str, &'static str)],
    /// What it asks of the response besides its shape.
    pub facts: &'static [Fact],
    /// The responses that it accepts. More than one if the vendor documents none, or several.
    pub variants: &'static [Variant],
}

/// What a case sends. Names in braces stand for values that the suite found earlier, such as `{listed}`.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// A GET of this path with the client's headers.
    Get(&'static str),
    /// The same with one header changed, or left out if the value is `None`.
    GetWith(&'static str, (&'static str, Option<&'static str>)),
    /// Nothing: the response to the client's own token request.
    Token,
    /// A lookup of this record by the client.
    Lookup(&'static str),
    /// A delete of the record `{deleted}` by the client.
    Delete,
    /// A bare DELETE of this path.
    RawDelete(&'static str),
}

/// Something that a response shows besides its shape.
#[derive(Clone, Copy, Debug)]
pub enum Fact {
    /// The order of the list: `newest_first`, `oldest_first` or `other`.
    Order,
    /// Whether a page is as long as this: `full` or `longer`.
    PageOf(usize),
    /// Whether the list has this record: `yes` or `no`.
    Shows(&'static str),
    /// Whether the response is this record: `yes` or `no`.
    Is(&'static str),
    /// Whether every record of the list has this status: `yes` or `no`.
    OnlyStatus(&'static str),
}

/// A response that a case accepts.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name: the value of the fake's option if it has one.
    pub name: &'static str,
    /// The status.
    pub status: u16,
    /// The shape of the body: a word such as `empty`, or JSON whose leaves are types, such as `{"id":"string"}`.
    pub body: &'static str,
    /// The vendor's code, or the text that it uses as one.
    pub code: Option<&'static str>,
    /// Headers that the response must have.
    pub headers: &'static [&'static str],
    /// What the client makes of it: a presence, an outcome or a kind of error.
    pub client: Option<&'static str>,
    /// The values of facts.
    pub facts: &'static [(Fact, &'static str)],
}

/// A case of a GET.
pub(crate) const fn get(
    name: &'static str,
    source: &'static str,
    path: &'static str,
    variants: &'static [Variant],
) -> Case {
    ask(name, source, Ask::Get(path), variants)
}

pub(crate) const fn ask(name: &'static str, source: &'static str, ask: Ask, variants: &'static [Variant]) -> Case {
    Case { name, source, ask, needs: None, learns: &[], facts: &[], variants }
}

impl Case {
    pub(crate) const fn needs(mut self, value: &'static str) -> Self {
        self.needs = Some(value);
        self
    }

    pub(crate) const fn learns(mut self, members: &'static [(&'static str, &'static str)]) -> Self {
        self.learns = members;
        self
    }

    pub(crate) const fn facts(mut self, facts: &'static [Fact]) -> Self {
        self.facts = facts;
        self
    }
}

pub(crate) const fn variant(name: &'static str, status: u16, body: &'static str) -> Variant {
    Variant { name, status, body, code: None, headers: &[], client: None, facts: &[] }
}

impl Variant {
    pub(crate) const fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) const fn headers(mut self, headers: &'static [&'static str]) -> Self {
        self.headers = headers;
        self
    }

    pub(crate) const fn client(mut self, client: &'static str) -> Self {
        self.client = Some(client);
        self
    }

    pub(crate) const fn facts(mut self, facts: &'static [(Fact, &'static str)]) -> Self {
        self.facts = facts;
        self
    }
}

impl Ask {
    /// The request as the report shows it, without an id.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Get(path) => format!("GET {path}"),
            Self::GetWith(path, (header, None)) => format!("GET {path} without {header}"),
            Self::GetWith(path, (header, Some(_))) => format!("GET {path} with another {header}"),
            Self::Token => "the client's token request".into(),
            Self::Lookup(id) => format!("the client looks up {id}"),
            Self::Delete => "the client deletes {deleted}".into(),
            Self::RawDelete(path) => format!("DELETE {path}"),
        }
    }
}

impl Fact {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Order => "order".into(),
            Self::PageOf(size) => format!("page_of_{size}"),
            Self::Shows(value) => format!("shows_{value}"),
            Self::Is(value) => format!("is_{value}"),
            Self::OnlyStatus(status) => format!("only_{status}"),
        }
    }
}
