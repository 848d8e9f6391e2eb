//! What is sent where.

use bytes::Bytes;
use domain::usage::Endpoint;
use http::{HeaderMap, HeaderValue, header};

use crate::{
    budgets::Cap,
    core::Core,
    intake::{Question, UsageChunk},
    snapshot::Choice,
};

/// What is sent where.
pub(super) struct Plan {
    pub(super) choice: Choice,
    pub(super) endpoint: Endpoint,
    /// The name that the client used.
    pub(super) requested_model: String,
    /// What is sent.
    pub(super) request: Bytes,
    /// What the client accepts.
    pub(super) accept: Option<HeaderValue>,
    /// Whether the stream's usage was asked for by us, and not by the client.
    pub(super) asks_for_usage: bool,
    /// To how many output tokens a budget keeps the answer.
    pub(super) cap: Option<Cap>,
    /// What the client sent.
    body: Bytes,
}

impl Plan {
    /// What to send to who was chosen; `cap` is to how many output tokens the answer is kept, because no more
    /// are held on its budgets.
    pub(super) fn new(
        core: &Core,
        endpoint: Endpoint,
        choice: Choice,
        question: Question<'_>,
        headers: &HeaderMap,
        body: Bytes,
        cap: Option<Cap>,
    ) -> Self {
        let streams = question.stream && endpoint == Endpoint::ChatCompletions;
        let asks_for_usage = streams
            && question.usage_chunk == UsageChunk::Unwanted
            && !core.usage_refusers.contains(choice.target.connection.id);
        let request = rewrite(&question, &body, &choice, asks_for_usage, cap);
        let requested_model = question.model.into_owned();
        let accept = headers.get(header::ACCEPT).cloned();
        Self { choice, endpoint, requested_model, request, accept, asks_for_usage, cap, body }
    }

    /// Does without the stream's usage: the provider refused to be asked for it.
    pub(super) fn stop_asking_for_usage(&mut self, core: &Core) {
        core.usage_refusers.remember(self.choice.target.connection.id);
        self.asks_for_usage = false;
        // It was read before, so it can be read again.
        if let Ok(question) = Question::read(&self.body) {
            self.request = rewrite(&question, &self.body, &self.choice, false, self.cap);
        }
    }
}

fn rewrite(question: &Question<'_>, body: &Bytes, choice: &Choice, ask_for_usage: bool, cap: Option<Cap>) -> Bytes {
    let name = choice.target.upstream_id.as_str();
    let most_output = cap.map(|cap| (choice.target.connection.output_bound(), cap.tokens));
    question.rewrite(body, (question.model != name).then_some(name), ask_for_usage, most_output)
}
