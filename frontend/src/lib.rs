//! Hydrates the portal, nothing else.
