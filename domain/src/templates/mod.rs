//! Templates: named recipes for keys.

mod recipe;
mod view;

pub use recipe::{Field, Names, Recipe, Required};
pub use view::{Allowed, NewTemplate, TemplateChanges, TemplateRef, TemplateVersionView, TemplateView};

use crate::text::line_type;

/// The label that a template's stage becomes on its keys.
pub const STAGE: &str = "stage";

line_type! {
    /// How a template is called.
    TemplateName, "name", 100
}

line_type! {
    /// What stage of an application's life a key is for: development, staging, production, or other words.
    Stage, "stage", 63
}
