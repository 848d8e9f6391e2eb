//! An answer as a stream of events, each made when it is asked for.

use bytes::Bytes;

use super::reply::{Reply, Said};
use super::wire::{Chunk, Delta, Function, ToolCall};
use crate::sandbox::{FAMILY, json};
use crate::tokens::pieces;

/// The events of a streamed answer, one choice after the other.
#[derive(Debug)]
pub(in crate::sandbox) struct Events {
    reply: Reply,
    usage_asked: bool,
    next: Next,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    /// The chunk that opens a choice.
    Open { choice: usize },
    /// The chunk that goes on with a choice at a byte of its text.
    Say { choice: usize, at: usize },
    /// The chunk with the usage.
    Usage,
    /// `[DONE]`.
    Done,
    /// Nothing any more.
    Nothing,
}

impl Events {
    /// The events of an answer. Usage comes only if it was asked for and the model tells it.
    pub(super) fn new(reply: Reply, usage_asked: bool) -> Self {
        let usage_asked = usage_asked && reply.usage.is_some();
        Self { reply, usage_asked, next: Next::Open { choice: 0 } }
    }

    fn open(&self, index: usize) -> Bytes {
        let delta = match &self.reply.choices[index].said {
            Said::Text(_) => Delta { role: Some("assistant"), content: Some(""), tool_calls: None },
            Said::Call(call) => {
                let function = Function { name: Some(&call.name), arguments: "" };
                let call = ToolCall { index: Some(0), id: Some(&call.id), kind: Some("function"), function };
                Delta { role: Some("assistant"), content: None, tool_calls: Some([call]) }
            }
        };
        self.chunk(index, delta, None)
    }

    fn say(&self, index: usize, piece: &str) -> Bytes {
        let delta = match &self.reply.choices[index].said {
            Said::Text(_) => Delta { content: Some(piece), ..Delta::default() },
            Said::Call(_) => {
                let function = Function { name: None, arguments: piece };
                let call = ToolCall { index: Some(0), id: None, kind: None, function };
                Delta { tool_calls: Some([call]), ..Delta::default() }
            }
        };
        self.chunk(index, delta, None)
    }

    fn chunk(&self, index: usize, delta: Delta<'_>, finish_reason: Option<&'static str>) -> Bytes {
        json::event(&Chunk::delta(&self.reply, self.usage_asked, index, delta, finish_reason))
    }

    fn after_choice(&self, choice: usize) -> Next {
        match choice + 1 {
            next if next < self.reply.choices.len() => Next::Open { choice: next },
            _ if self.usage_asked => Next::Usage,
            _ => Next::Done,
        }
    }
}

impl Iterator for Events {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        match self.next {
            Next::Open { choice } => {
                self.next = Next::Say { choice, at: 0 };
                Some(self.open(choice))
            }
            Next::Say { choice, at } => {
                let said = &self.reply.choices[choice];
                let Some(piece) = pieces(FAMILY, &said.said.growing()[at..]).next() else {
                    let end = self.chunk(choice, Delta::default(), Some(said.finish_reason));
                    self.next = self.after_choice(choice);
                    return Some(end);
                };
                let event = self.say(choice, piece);
                self.next = Next::Say { choice, at: at + piece.len() };
                Some(event)
            }
            Next::Usage => {
                self.next = Next::Done;
                Some(json::event(&Chunk::usage(&self.reply, self.reply.usage.unwrap_or_default())))
            }
            Next::Done => {
                self.next = Next::Nothing;
                Some(Bytes::from_static(b"data: [DONE]\n\n"))
            }
            Next::Nothing => None,
        }
    }
}
