//! What every page and component is written with: Leptos' prelude, with a `view!` of our own.

pub(crate) use leptos::prelude::*;

/// Leptos' `view!`, of which only that it is a view is known afterwards.
///
/// Leptos compiles the building, hydrating and changing of a view for each type of view. What is made
/// here has one type, wherever it stands: in a list, in an option or in an arm of a `match`.
macro_rules! view {
    ($($tokens:tt)*) => {
        ::leptos::prelude::IntoAny::into_any(::leptos::view! { $($tokens)* }.into_inner())
    };
}

pub(crate) use view;

/// Runs in the browser: at first, and whenever what it read has changed. It is Leptos' effect, which is
/// compiled for each that there is, compiled once.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| run());
    }
    boxed(Box::new(run));
}
