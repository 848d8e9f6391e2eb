//! How pages talk to the server: what they load, what they send, and when their code arrives.
//!
//! Answers travel as text and are read where they are shown, in the page's own code. What the
//! browser needs at the start knows of no types of the pages that are loaded when they are visited, and
//! stays small however many of them there are.

#[cfg(feature = "ssr")]
pub(crate) mod announce;
mod answer;
#[cfg(not(feature = "ssr"))]
mod json;
mod lazy;
mod loaded;
mod lookup;
mod piece;
mod pulse;
mod question;
mod sent;

pub(crate) use self::{
    lazy::{Drawing, Fetching, Paged, lazy_page, page},
    loaded::{Following, PageData},
    lookup::Lookup,
    piece::{Arriving, Piece, lazy_piece, once_wanted},
    pulse::use_pulse,
    question::Question,
    sent::{Form, GetForm, PageForm, Sender, Sending},
};
