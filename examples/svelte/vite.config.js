import { svelte } from '@sveltejs/vite-plugin-svelte'
import latent64 from 'latent64/vite'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [svelte(), latent64()] })
