//! The OpenAI wire types that the gateway and the Sandbox need, and no more.
//!
//! Views borrow from the body they were read from and leave what nobody asks for unparsed, because
//! the gateway reads every request and every chunk of every stream. Two tempers meet here:
//!
//! - **Requests** are read strictly where a misreading would cost money (`n: "5"` is refused, since
//!   an upstream that is generous with types would still take it as five), and unknown fields pass.
//! - **Answers** are read leniently: an upstream's odd null, negative count or changed type must
//!   never lose a call that was answered, so whatever cannot be understood reads as absent.

mod answer;
mod body;
mod chat_request;
mod embeddings_request;
mod error;
mod lenient;
mod message;
mod models;
mod strict;
mod usage;

pub use answer::{AnswerView, ChoiceView, FunctionView, GeneratedView, ToolCallView};
pub use body::BadBody;
pub use chat_request::ChatRequestView;
pub use embeddings_request::EmbeddingsRequestView;
pub use error::{ErrorEnvelope, ErrorObject};
pub use message::{ContentView, ImageDetail, MessageView, PartView};
pub use models::{ModelList, ModelObject};
pub use usage::{CompletionTokensDetails, PromptTokensDetails, Usage};
