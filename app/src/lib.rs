//! The portal: pages, components, server functions.
