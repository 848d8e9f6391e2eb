/// Where a page leads after signing in: the path that was asked for if it is one of this portal's,
/// else the first page.
///
/// Browsers read `//host`, `/\host` and even `/<tab>/host` as another site's address, so a path
/// that could be one is not followed.
pub(super) fn own_path(next: Option<&str>) -> &str {
    let harmless = |path: &&str| {
        let rest = path.strip_prefix('/');
        rest.is_some_and(|rest| !rest.starts_with('/')) && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    next.filter(harmless).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn leads_to_pages_of_this_portal_only() {
        for own in ["/", "/keys", "/keys?q=a%20b&status=active", "/keys/key_01#x"] {
            assert_eq!(own_path(Some(own)), own);
        }
        for other in [
            "",
            "keys",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            " /keys",
            "/ä",
        ] {
            assert_eq!(own_path(Some(other)), "/", "{other:?}");
        }
        assert_eq!(own_path(None), "/");
    }
}
