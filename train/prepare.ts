import { firstImages, type ImageSet, type TrainingData } from './data/images.ts'
import { startAtTransform } from './networks/dct-start.ts'
import { previewParameters, setWeightsFrom, trainedSteps } from './networks/model-start.ts'
import { buildNetworks, type Networks } from './networks/networks.ts'
import { principalComponents, startAtPrincipalComponents } from './networks/pca.ts'
import { createObjective, type Objective } from './objectives/objective.ts'
import type { RunSettings } from './settings.ts'
import { autodiffTrainer, type Trainer } from './step.ts'

/** What the settings make of the data: the input of fit(). */
export interface Training {
  settings: RunSettings
  data: TrainingData
  networks: Networks
  objective: Objective
  trainer: Trainer
}

/** `resuming`: skips the start of the weights (PCA, a model), as the checkpoint's weights replace them anyway. */
export async function prepareTraining(
  settings: RunSettings,
  data: TrainingData,
  { resuming = false } = {},
): Promise<Training> {
  const networks = await startNetworks(settings, data.sample, { resuming })
  const { from } = settings
  const hasOwnSteps = from && !resuming && settings.networks.decoder.family !== 'dct'
  const objective = await createObjective(
    settings.objective,
    networks,
    data.sample,
    settings.seed,
    hasOwnSteps ? (lambdas) => trainedSteps(from, lambdas) : undefined,
  )
  const trainer = await autodiffTrainer(networks, objective, settings.optimization.clipNorm)
  return { settings, data, networks, objective, trainer }
}

/**
 * The networks that the settings ask for, with their initial weights: a model's, or with a linear path the sample's
 * principal components.
 */
export async function startNetworks(
  { networks: settings, objective, seed, from }: RunSettings,
  sample: ImageSet,
  { resuming = false } = {},
): Promise<Networks> {
  // A vae's mean must reach below black: at 0 half of the likelihood lies below it, which costs a bit per black pixel.
  const outputActivation = settings.linearPath || objective.name === 'vae' ? 'linear' : 'sigmoid'
  const networks = buildNetworks(settings, sample.shape, outputActivation, seed)
  if (settings.decoder.family === 'dct')
    await startAtTransform(networks, firstImages(sample, COMPONENT_IMAGES), {
      ...{ objective, resuming },
      ...(from && { base: previewParameters(from) }),
    })
  else if (from && !resuming) await setWeightsFrom(from, networks)
  else if (settings.linearPath && !resuming)
    startAtPrincipalComponents(
      networks,
      await principalComponents(firstImages(sample, COMPONENT_IMAGES), settings.latent, seed),
    )
  return networks
}

/** So many determine the components as well as all images do, in a third of the time. */
const COMPONENT_IMAGES = 20_000
