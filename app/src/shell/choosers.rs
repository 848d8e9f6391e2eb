use wasm_bindgen::JsCast;

use super::preferences::{Density, Preferences, SetDensity, SetTheme, Theme};
use crate::{
    prelude::*,
    ui::{Glyph, Icon, Menu, MenuButton, MenuTitle},
    wire::{Form, Sending},
};

/// What is chosen on the page at hand, wherever it is chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choosing {
    theme: RwSignal<Theme>,
    density: RwSignal<Density>,
    to_theme: Sending,
    to_density: Sending,
}

impl Choosing {
    /// Begins with what the page arrived with; the frame does this once.
    pub(super) fn provide() {
        let Preferences { theme, density } = Preferences::current();
        provide_context(Self {
            theme: RwSignal::new(theme),
            density: RwSignal::new(density),
            to_theme: Sending::to::<SetTheme>(),
            to_density: Sending::to::<SetDensity>(),
        });
    }

    /// The page's own.
    pub(crate) fn in_context() -> Self {
        expect_context()
    }

    /// Shows another theme, and remembers it.
    pub(crate) fn choose_theme(self, theme: Theme) {
        self.show_theme(theme);
        self.to_theme.send(format!("theme={}", theme.name()));
    }

    fn show_theme(self, theme: Theme) {
        self.theme.set(theme);
        paint("theme", theme.name());
    }

    /// Shows rows in another height, and remembers it.
    pub(crate) fn choose_density(self, density: Density) {
        self.density.set(density);
        paint("density", density.name());
        self.to_density.send(format!("density={}", density.name()));
    }
}

/// The button that chooses the theme.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let choosing = Choosing::in_context();
    let item = move |theme: Theme| {
        let (icon, words) = face(theme);
        view! {
            <Form to=choosing.to_theme>
                <button
                    class="menu__item"
                    type="submit"
                    name="theme"
                    value=theme.name()
                    aria-pressed=move || (choosing.theme.get() == theme).to_string()
                    on:click=move |_| choosing.show_theme(theme)
                >
                    <Icon name=icon/>
                    {words}
                </button>
            </Form>
        }
    };
    view! {
        <Menu id="theme-menu" label="Theme" icon=Glyph::Sun>
            {Theme::ALL.map(item).into_iter().collect_view()}
        </Menu>
    }
}

/// The button that chooses how close rows stand; it belongs at the end of a table's filters.
#[component]
pub fn DensityMenu() -> impl IntoView {
    let choosing = Choosing::in_context();
    let item = move |density: Density| {
        let pressed = move || (choosing.density.get() == density).to_string();
        view! {
            <MenuButton attr:aria-pressed=pressed on:click=move |_| choosing.choose_density(density)>
                {words(density)}
            </MenuButton>
        }
    };
    view! {
        <Menu id="density-menu" label="Row height" icon=Glyph::Sliders>
            <MenuTitle>"Row height"</MenuTitle>
            {Density::ALL.map(item).into_iter().collect_view()}
        </Menu>
    }
}

/// Shows a choice at once; the cookie follows.
fn paint(name: &str, value: &str) {
    let root = document().document_element().and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(root) = root {
        let _ = root.dataset().set(name, value);
    }
}

const fn face(theme: Theme) -> (Glyph, &'static str) {
    match theme {
        Theme::System => (Glyph::Monitor, "System"),
        Theme::Light => (Glyph::Sun, "Light"),
        Theme::Dark => (Glyph::Moon, "Dark"),
    }
}

const fn words(density: Density) -> &'static str {
    match density {
        Density::Compact => "Compact",
        Density::Normal => "Normal",
        Density::Comfortable => "Comfortable",
    }
}
