//! What surrounds every page: the document, the sidebar, the top bar, and what the person who
//! looks at it has chosen.

mod choosers;
mod document;
mod environment;
mod frame;
mod keyboard;
mod keys;
mod page_problem;
mod preferences;
mod shortcuts;
mod sidebar;
mod tools;
mod topbar;

pub(crate) use self::{
    choosers::Choosing,
    document::nonce,
    environment::{chosen_environment, within},
    keys::keys_to,
    sidebar::{Place, place_of, places},
    tools::Tools,
};
pub use self::{
    choosers::{DensityMenu, ThemeMenu},
    document::document,
    frame::{AuthFrame, Frame},
    page_problem::PageProblem,
    preferences::{Density, Preferences, SetDensity, SetTheme, Theme},
};
