use wasm_bindgen::JsCast;

use super::preferences::{Density, Preferences, SetDensity, SetTheme, Theme};
use crate::{
    prelude::*,
    ui::{Glyph, Icon, Menu, MenuButton, MenuTitle},
    wire::{Form, Sending},
};

/// The button that chooses the theme.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let current = RwSignal::new(Preferences::current().theme);
    let action = Sending::to::<SetTheme>();
    let item = move |theme: Theme| {
        let (icon, words) = face(theme);
        let choose = move |_| {
            current.set(theme);
            paint("theme", theme.name());
        };
        view! {
            <Form to=action>
                <button
                    class="menu__item"
                    type="submit"
                    name="theme"
                    value=theme.name()
                    aria-pressed=move || (current.get() == theme).to_string()
                    on:click=choose
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
    let current = RwSignal::new(Preferences::current().density);
    let action = Sending::to::<SetDensity>();
    let item = move |density: Density| {
        let choose = move |_| {
            current.set(density);
            paint("density", density.name());
            action.send(format!("density={}", density.name()));
        };
        let pressed = move || (current.get() == density).to_string();
        view! {
            <MenuButton attr:aria-pressed=pressed on:click=choose>
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
