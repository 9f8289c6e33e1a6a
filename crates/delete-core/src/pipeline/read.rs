//! Calls that read, and the one that ends a conversation.

use serde::de::DeserializeOwned;

use super::Pipeline;
use crate::base_url::Collection;
use crate::error::{Error, ErrorBuilder, ErrorExt, ErrorKind};
use crate::lookup::SingleConversation;
use crate::operation::Operation;
use crate::record::{RecordId, Status};
use crate::response::{ResponseRules, decode};

impl Pipeline {
    /// Reads one record: `GET` at its URL in `collection`. `T` names what is kept of the response; the rest is dropped
    /// unread.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the rules take the response for [`Verdict::Absent`](crate::vendor_kit::Verdict), else
    /// why it could not be read. No error quotes the response.
    pub async fn read_record<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        id: &RecordId,
        rules: &ResponseRules,
    ) -> Result<T, Error> {
        self.read(collection, collection.record_url(id), rules).await
    }

    /// Reads the status of one conversation with an opaque id, from the fields `conversation_id` and `status`; `None` if the
    /// response has no status.
    ///
    /// # Errors
    /// As for [`read_record`](Self::read_record); [`ErrorKind::InvalidInput`] if `id` is a UUID;
    /// [`ErrorKind::UnexpectedResponse`] if the response is about another conversation.
    pub async fn read_status(
        &self,
        collection: &Collection,
        id: &RecordId,
        rules: &ResponseRules,
    ) -> Result<Option<Status>, Error> {
        let conversation_id = id.try_conversation().for_vendor(self.vendor())?;
        let conversation: SingleConversation = self.read_record(collection, id, rules).await?;
        conversation.into_status_of(conversation_id).for_vendor(self.vendor())
    }

    /// Reads a page of records: `GET` at the collection, with this query.
    ///
    /// # Errors
    /// Why it could not be read. No error quotes the response.
    pub async fn read_page<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        query: &[(&str, String)],
        rules: &ResponseRules,
    ) -> Result<T, Error> {
        self.read(collection, Ok(collection.page_url(query).into()), rules).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        collection: &Collection,
        url: Result<String, Error>,
        rules: &ResponseRules,
    ) -> Result<T, Error> {
        let spec = self.request(Operation::Read, collection, url, rules)?;
        let (done, attempts) = self.execute(&spec).await?;
        // The parser's own message may quote the response.
        decode(done.response.body()).map_err(|_| {
            let message = "the response does not have the form that the vendor documents";
            Error::builder(ErrorKind::UnexpectedResponse, message)
                .for_reading()
                .vendor(self.vendor())
                .status(done.response.status())
                .set_some(done.request_id, ErrorBuilder::request_id)
                .set_some(done.headers, ErrorBuilder::headers)
                .attempts(attempts.into_vec())
                .build()
        })
    }

    /// Ends a running conversation: `POST` at its URL in `collection`. It may be repeated.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; [`Error::delivery`] reports what is known of the conversation then.
    pub async fn end_record(&self, collection: &Collection, id: &RecordId, rules: &ResponseRules) -> Result<(), Error> {
        let spec = self.request(Operation::End, collection, collection.record_url(id), rules)?;
        self.execute(&spec).await.map(drop)
    }
}
