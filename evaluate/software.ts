import { readFileSync } from 'node:fs'
import sharp from 'sharp'

const installed = (name: string) => {
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}

/** The versions of the software that produced the numbers. */
export function softwareVersions(): Record<string, string> {
  const { mozjpeg, webp, aom, png, imagequant } = sharp.versions as unknown as Record<string, string>
  return {
    node: process.versions.node,
    sharp: installed('sharp'),
    mozjpeg: mozjpeg!,
    webp: webp!,
    aom: aom!,
    png: png!,
    imagequant: imagequant!,
    '@jsquash/jxl': installed('@jsquash/jxl'),
    blurhash: installed('blurhash'),
    thumbhash: installed('thumbhash'),
  }
}
