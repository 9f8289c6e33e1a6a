//! Calls that find and look, and the one that ends a conversation.

use serde::de::DeserializeOwned;

use super::{Call, Pipeline};
use crate::base_url::Collection;
use crate::error::{Error, ErrorExt};
use crate::http::Method;
use crate::response::ResponseRules;
use crate::{ErrorKind, RecordId};

impl Pipeline {
    /// Reads one record: `GET` at its place in `collection`. `T` names what is kept of the answer; the rest is dropped
    /// unread.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where the rules takes the answer for [`Verdict::Absent`](crate::vendor_kit::Verdict),
    /// else why it could not be read. No error quotes the answer.
    pub async fn read_record<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        id: &RecordId,
        rules: &ResponseRules,
    ) -> Result<T, Error> {
        let url = collection.record_url(id).for_vendor(self.vendor())?;
        self.read(&Call::new(Method::GET, collection, url, rules).for_reading()).await
    }

    /// Reads a page of records: `GET` at the collection, with this query.
    ///
    /// # Errors
    /// Why it could not be read. No error quotes the answer.
    pub async fn read_page<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        query: &[(&str, String)],
        rules: &ResponseRules,
    ) -> Result<T, Error> {
        let url = collection.page_url(query);
        self.read(&Call::new(Method::GET, collection, url, rules).for_reading()).await
    }

    /// Ends a conversation that goes on: `POST` at its place in `collection`. It may be repeated.
    ///
    /// # Errors
    /// Whatever [`ErrorKind`] names; see [`Error::delivery`] for what is known of the conversation then.
    pub async fn end_record(&self, collection: &Collection, id: &RecordId, rules: &ResponseRules) -> Result<(), Error> {
        let url = collection.record_url(id).for_vendor(self.vendor())?;
        self.execute(&Call::new(Method::POST, collection, url, rules).for_ending()).await.map(drop)
    }

    async fn read<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, Error> {
        let done = self.execute(call).await?;
        serde_json::from_slice(done.response.body()).map_err(|_| {
            // The parser's own words may quote the answer.
            let message = "the response does not have the form that the vendor documents";
            Error::builder(ErrorKind::UnexpectedResponse, message)
                .for_reading()
                .vendor(self.vendor())
                .status(done.response.status())
                .attempts(done.attempts)
                .build()
        })
    }
}
