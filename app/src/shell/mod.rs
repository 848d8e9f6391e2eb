//! What surrounds every page: the document, the sidebar, the top bar, and what the person who
//! looks at it has chosen.

mod choosers;
mod document;
mod frame;
mod preferences;
mod sidebar;
mod topbar;
mod viewer;

pub(crate) use self::document::nonce;
pub use self::{
    choosers::{DensityMenu, ThemeMenu},
    document::document,
    frame::{AuthFrame, Frame},
    preferences::{Density, Preferences, SetDensity, SetTheme, Theme},
    viewer::Viewer,
};
