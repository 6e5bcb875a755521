namespace ChunkOta.Storage;

/// <summary>The part of a <see cref="Store"/> that tells what updates cost.</summary>
/// <param name="Chunks">What an update costs by chunks.</param>
/// <param name="Explainer">Explains every byte of an update, by file and cause.</param>
/// <param name="Forecaster">Forecasts what a release will cost the devices of a channel.</param>
public sealed record StoreCosts(UpdateCosts Chunks, UpdateExplainer Explainer, Forecaster Forecaster);
