/// What every management token starts with.
pub const TOKEN_PREFIX: &str = "tpm_";

crate::text::line_type! {
    /// How a management token is called in the list.
    TokenName, "name", 100
}
