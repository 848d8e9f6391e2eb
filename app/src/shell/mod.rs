//! What surrounds every page: the document, the sidebar, the top bar, and what the person who
//! looks at it has chosen.

mod document;
mod frame;
mod preferences;
mod sidebar;
mod topbar;
mod viewer;

pub use self::{
    document::document,
    frame::{AuthFrame, Frame},
    preferences::{Density, DensityMenu, Preferences, SetDensity, SetTheme, Theme, ThemeMenu},
    viewer::Viewer,
};
