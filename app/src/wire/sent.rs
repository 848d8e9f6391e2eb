use std::marker::PhantomData;

use leptos::{server::ServerActionError, server_fn::ServerFn};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::answer;
use crate::{prelude::*, problem::Problem};

/// Forms on their way to one server function, and what became of the last.
///
/// A browser without WASM sends the form itself and is led back to the page, which then begins
/// with the problem that there was.
#[derive(Debug)]
pub(crate) struct Sending<T = ()> {
    sender: Sender,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Sending<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Sending<T> {}

impl<T> From<Sending<T>> for Sender {
    fn from(submission: Sending<T>) -> Self {
        submission.sender
    }
}

impl<T: DeserializeOwned + 'static> Sending<T> {
    /// Forms for `S`.
    pub(crate) fn to<S: ServerFn<Output = T, Error = Problem>>() -> Self {
        Self { sender: Sender::new(S::PATH), answer: PhantomData }
    }

    /// What the last form was answered with, unless that was a problem.
    pub(crate) fn answer(self) -> Option<T> {
        answer::read(self.sender.text.read().as_deref()?).ok()
    }

    /// Forgets the last form.
    pub(crate) fn forget(self) {
        self.sender.text.set(None);
    }

    /// Begins with the answer to a form that led here, as its text.
    pub(crate) fn arrived(self, text: String) {
        self.sender.text.set(Some(text));
    }

    /// Whether a form is on its way.
    pub(crate) fn pending(self) -> Signal<bool> {
        self.sender.pending.into()
    }

    /// Why the last form was refused.
    pub(crate) fn problem(self) -> Signal<Option<Problem>> {
        self.sender.problem.into()
    }

    /// What was wrong with the field of that name.
    pub(crate) fn error(self, field: impl Into<String>) -> Signal<Option<String>> {
        self.sender.error(field)
    }

    /// Runs after every form that was not refused.
    pub(crate) fn then(self, done: impl Fn() + 'static) {
        self.sender.then(Box::new(done));
    }

    /// Sends what is no form: names and values.
    pub(crate) fn send(self, form: String) {
        self.sender.send(form);
    }
}

fn field_error(problem: Memo<Option<Problem>>, field: String) -> Signal<Option<String>> {
    Signal::derive(move || problem.read().as_ref().and_then(|problem| problem.field(&field)))
}

/// A sending, whatever it is answered with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    path: &'static str,
    text: RwSignal<Option<String>>,
    problem: Memo<Option<Problem>>,
    pending: RwSignal<bool>,
}

impl Sender {
    fn new(path: &'static str) -> Self {
        let text = RwSignal::new(left_behind(path));
        let problem = Memo::new(move |_| answer::read::<IgnoredAny>(text.read().as_deref()?).err());
        Self { path, text, problem, pending: RwSignal::new(false) }
    }

    /// What was wrong with the field of that name.
    pub(crate) fn error(self, field: impl Into<String>) -> Signal<Option<String>> {
        field_error(self.problem, field.into())
    }

    fn then(self, done: Box<dyn Fn()>) {
        effect(move || {
            if self.text.read().is_some() && self.problem.read_untracked().is_none() {
                done();
            }
        });
    }

    #[cfg(not(feature = "ssr"))]
    fn send(self, form: String) {
        self.pending.set(true);
        leptos::task::spawn_local(async move {
            let answered = answer::ask(self.path, &form).await;
            if let Some(onward) = answered.onward {
                leptos::server_fn::redirect::call_redirect_hook(&onward);
            }
            // Meanwhile the page may have been left.
            self.pending.try_set(false);
            self.text.try_set(Some(answered.text));
        });
    }

    #[cfg(feature = "ssr")]
    fn send(self, _form: String) {}
}

/// The problem of a form that was sent without WASM, which led back here.
fn left_behind(path: &str) -> Option<String> {
    let left = use_context::<ServerActionError>().filter(|left| left.path() == path)?;
    decoded(left.err())
}

#[cfg(feature = "ssr")]
fn decoded(err: &str) -> Option<String> {
    let problem: Problem = leptos::server_fn::error::ServerFnUrlError::decode_err(err);
    serde_json::to_string(&Err::<(), _>(problem)).ok()
}

/// The browser has a decoder for Base64, so that it need not load ours.
#[cfg(not(feature = "ssr"))]
fn decoded(err: &str) -> Option<String> {
    let bytes = window().atob(&err.replace('-', "+").replace('_', "/")).ok()?;
    let bytes = bytes.chars().map(|byte| u8::try_from(byte).ok()).collect::<Option<_>>()?;
    let problem = String::from_utf8(bytes).ok()?;
    Some(format!("{{\"Err\":{problem}}}"))
}

/// A form that is sent to a server function.
#[component]
pub(crate) fn Form(
    /// Where it is sent.
    #[prop(into)]
    to: Sender,
    /// Its classes.
    #[prop(optional)]
    class: Option<&'static str>,
    /// Its fields.
    children: Children,
) -> impl IntoView {
    let submit = move |event: web_sys::SubmitEvent| {
        if !event.default_prevented() {
            event.prevent_default();
            to.send(entries(&event).unwrap_or_default());
        }
    };
    view! { <form action=to.path method="post" class=class on:submit=submit>{children()}</form> }
}

/// A form that a browser without WASM sends to a page, which is shown in its answer.
#[component]
pub(crate) fn PageForm(
    /// Where it is sent.
    #[prop(into)]
    to: Sender,
    /// The page.
    page: &'static str,
    /// Its classes.
    class: &'static str,
    /// Its fields.
    children: Children,
) -> impl IntoView {
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        to.send(entries(&event).unwrap_or_default());
    };
    view! { <form action=page method="post" class=class on:submit=submit>{children()}</form> }
}

/// A form that asks for this page with other query parameters.
#[component]
pub(crate) fn GetForm(
    /// Its classes.
    class: &'static str,
    /// What it is for, to those who can't see it.
    role: &'static str,
    /// Its fields.
    children: Children,
) -> impl IntoView {
    let (navigate, path) = (use_navigate(), use_location().pathname);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let query = entries(&event).unwrap_or_default();
        navigate(&format!("{}?{query}", path.get_untracked()), NavigateOptions::default());
    };
    view! { <form method="get" action="" class=class role=role on:submit=submit>{children()}</form> }
}

/// What is filled in, and the button that was pressed, as a browser without WASM would send it.
fn entries(event: &web_sys::SubmitEvent) -> Option<String> {
    use wasm_bindgen::JsCast;
    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    let button = event.submitter().and_then(|pressed| pressed.dyn_into::<web_sys::HtmlButtonElement>().ok());
    if let Some(button) = button.filter(|button| !button.name().is_empty()) {
        data.append_with_str(&button.name(), &button.value()).ok()?;
    }
    let pairs = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(pairs.to_string().into())
}
