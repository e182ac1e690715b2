import { defineConfig } from 'astro/config'
import latent64 from 'latent64/vite'

export default defineConfig({ vite: { plugins: [latent64()] } })
