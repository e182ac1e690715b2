import latent64 from 'latent64/vite'
import { defineConfig } from 'vite'

export default defineConfig({ plugins: [latent64()] })
