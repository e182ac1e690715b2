import 'latent64/element'
import { LatentImage } from 'latent64/react'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import cat from './cat.jpg?latent64'
import coffee from './coffee.jpg?latent64'

// Without a framework: an element that draws the code, and fades to the photograph.
document.querySelector('#plain').innerHTML = `
  <latent-image code="${cat.code}">
    <img src="${cat.src}" width="${cat.width}" height="${cat.height}" alt="A cat" loading="lazy">
  </latent-image>`

// With React: an <img> whose background is the code's picture.
const { code, src, width, height } = coffee
createRoot(document.querySelector('#react')).render(
  createElement(LatentImage, { code, src, width, height, alt: 'A cup of coffee', loading: 'lazy' }),
)
