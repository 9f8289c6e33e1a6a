use std::error::Error;
use std::ops::Deref;
use std::sync::Arc;

/// The cause of an error that can be cloned.
///
/// An `Arc` is an error of its own and hides the type of the cause. This is not one, so a derived `source` returns the
/// cause itself, which can be downcast.
#[derive(Clone, Debug)]
pub(crate) struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }
}

impl Deref for Cause {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}
