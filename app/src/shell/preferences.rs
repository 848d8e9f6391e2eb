use serde::{Deserialize, Serialize};

use crate::{prelude::*, problem::Problem};

/// Light, dark, or as the device has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    pub(super) const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The word in the cookie and in `data-theme`.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// How close the rows of tables stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// 36 px.
    Compact,
    /// 44 px.
    #[default]
    Normal,
    /// 52 px.
    Comfortable,
}

impl Density {
    pub(super) const ALL: [Density; 3] = [Density::Compact, Density::Normal, Density::Comfortable];

    /// The word in the cookie and in `data-density`.
    pub const fn name(self) -> &'static str {
        match self {
            Density::Compact => "compact",
            Density::Normal => "normal",
            Density::Comfortable => "comfortable",
        }
    }
}

/// How this browser wants pages to look. It lives in cookies, so that the first paint is right,
/// and from there in attributes of `<html>`, where styles and scripts find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The theme.
    pub theme: Theme,
    /// The density of tables.
    pub density: Density,
}

impl Preferences {
    /// The preferences of the page at hand: on the server the request's cookies, in the browser
    /// what the server made of them.
    pub fn current() -> Self {
        let word = |name: &str| if cfg!(feature = "ssr") { cookie(name) } else { attribute(name) };
        let (theme, density) = (word("theme"), word("density"));
        Self {
            theme: Theme::ALL.into_iter().find(|t| theme.as_deref() == Some(t.name())).unwrap_or_default(),
            density: Density::ALL.into_iter().find(|d| density.as_deref() == Some(d.name())).unwrap_or_default(),
        }
    }
}

#[cfg(feature = "ssr")]
fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    let cookies = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

#[cfg(not(feature = "ssr"))]
fn cookie(_name: &str) -> Option<String> {
    None
}

fn attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(&format!("data-{name}"))
}

/// Remembers the theme for a year.
#[server(prefix = "/fn", endpoint = "theme")]
pub async fn set_theme(
    /// The theme.
    theme: Theme,
) -> Result<(), Problem> {
    remember("theme", theme.name());
    Ok(())
}

/// Remembers the density of tables for a year.
#[server(prefix = "/fn", endpoint = "density")]
pub async fn set_density(
    /// The density.
    density: Density,
) -> Result<(), Problem> {
    remember("density", density.name());
    Ok(())
}

#[cfg(feature = "ssr")]
fn remember(name: &str, value: &'static str) {
    let line = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    if let (Some(response), Ok(line)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::HeaderValue::from_str(&line))
    {
        response.append_header(http::header::SET_COOKIE, line);
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[expect(clippy::unwrap_used, reason = "a test may fail")]
    fn with_cookies(line: &str) -> Preferences {
        let owner = Owner::new();
        owner.with(|| {
            let (parts, ()) = http::Request::builder().header("cookie", line).body(()).unwrap().into_parts();
            provide_context(parts);
            Preferences::current()
        })
    }

    #[test]
    fn cookies_decide() {
        let seen = with_cookies("a=b; theme=dark; density=compact");
        assert_eq!(seen, Preferences { theme: Theme::Dark, density: Density::Compact });
    }

    #[test]
    fn nonsense_in_a_cookie_is_the_default() {
        assert_eq!(with_cookies("theme=\"><script>; density="), Preferences::default());
    }
}
