import vue from '@vitejs/plugin-vue'
import latent64 from 'latent64/vite'
import { defineConfig } from 'vite'

// Vue is told that <latent-image> is the browser's, and no component of its own.
const isCustomElement = (tag) => tag === 'latent-image'

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } }), latent64()],
})
