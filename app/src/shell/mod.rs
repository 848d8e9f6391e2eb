//! What surrounds every page: the document, the sidebar, the top bar, and what the person who
//! looks at it has chosen.

mod choosers;
mod document;
mod environment;
mod frame;
mod page_problem;
mod preferences;
mod sidebar;
mod topbar;

pub use self::{
    choosers::{DensityMenu, ThemeMenu},
    document::document,
    frame::{AuthFrame, Frame},
    page_problem::PageProblem,
    preferences::{Density, Preferences, SetDensity, SetTheme, Theme},
};
pub(crate) use self::{document::nonce, environment::chosen_environment};
