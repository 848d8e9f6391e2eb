use crate::prelude::*;

/// A person as two letters. It is decoration: the name stands beside it or labels its button.
#[component]
pub fn Avatar(
    /// The person's name.
    #[prop(into)]
    name: String,
    /// The larger size, for the user menu.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        <span class="avatar" data-size=large.then_some("l") data-initials=initials(&name) aria-hidden="true"></span>
    }
}

/// A person by avatar and name.
#[component]
pub fn Person(
    /// The person's name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <span class="person"><Avatar name=name.clone()/><span class="truncate">{name}</span></span>
    }
}

/// The first letters of the first and the last word; of an address, of what stands before the @. The
/// style makes them capitals.
fn initials(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    let words: Vec<&str> = name.split([' ', '.', '-', '_']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [] => "?".to_owned(),
        [only] => only.chars().take(2).collect(),
        [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_of_names_and_addresses() {
        assert_eq!(initials("Mara König"), "MK");
        assert_eq!(initials("Ana Maria de Sousa"), "AS");
        assert_eq!(initials("mara@acme.dev"), "ma");
        assert_eq!(initials("jonas.okoye@acme.dev"), "jo");
        assert_eq!(initials("  "), "?");
    }
}
