//! Replacing parts of a text without touching the rest.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// Puts `text` in the place of `range`.
#[derive(Debug)]
pub(crate) struct Edit {
    /// Which bytes go.
    pub(crate) range: Range<usize>,
    /// What comes instead.
    pub(crate) text: String,
}

/// Applies edits that don't overlap. Without any, the bytes are shared and not copied.
pub(crate) fn splice(body: &Bytes, mut edits: Vec<Edit>) -> Bytes {
    if edits.is_empty() {
        return body.clone();
    }
    // Of several at one place the order stays.
    edits.sort_by_key(|edit| edit.range.start);
    let extra: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut out = BytesMut::with_capacity(body.len() + extra);
    let mut from = 0;
    for edit in &edits {
        out.extend_from_slice(&body[from..edit.range.start]);
        out.extend_from_slice(edit.text.as_bytes());
        from = edit.range.end;
    }
    out.extend_from_slice(&body[from..]);
    out.freeze()
}
