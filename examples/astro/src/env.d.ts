/// <reference types="astro/client" />
/// <reference types="latent64/client" />
