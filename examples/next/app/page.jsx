import { LatentImage } from 'latent64/react'
import Image from 'next/image'
import placeholders from './placeholders.json' // written by `latent64 placeholders` before every build

const { code, width, height, dataURL } = placeholders['cat.jpg']

export default function Page() {
  return (
    <main>
      <h1>Latent64 with Next.js</h1>
      {/* Next's own component takes the data URL as it is. */}
      <Image src="/photos/cat.jpg" width={width} height={height} alt="A cat" placeholder={dataURL} />
      {/* Or a plain <img>, its preview drawn from the code while the page is rendered. */}
      <LatentImage
        code={code}
        src="/photos/cat.jpg"
        width={width}
        height={height}
        alt="A cat"
        loading="lazy"
      />
    </main>
  )
}
