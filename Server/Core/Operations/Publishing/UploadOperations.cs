using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>A piece of a recipe that a publisher sends.</summary>
/// <param name="Publish">The publish.</param>
/// <param name="Bytes">The bytes that follow the previous piece.</param>
/// <param name="EndsRecipe">True for the last piece of a recipe.</param>
public readonly record struct IncomingRecipePiece(Guid Publish, ReadOnlyMemory<byte> Bytes, bool EndsRecipe);

/// <summary>The figures of an upload of frames.</summary>
/// <param name="NewChunks">Chunks that the store lacked.</param>
/// <param name="NewPlainBytes">Their plain bytes.</param>
/// <param name="StoredBytes">Bytes written to packs.</param>
public readonly record struct FrameUploadFigures(long NewChunks, long NewPlainBytes, long StoredBytes);

/// <summary>The figures of an upload of recipes.</summary>
/// <param name="Recipes">Recipes that were stored.</param>
/// <param name="StoredBytes">Their bytes.</param>
public readonly record struct RecipeUploadFigures(int Recipes, long StoredBytes);

/// <summary>Tells a publisher what the store lacks, and stores it.</summary>
/// <param name="catalogue">Knows files and chunks.</param>
/// <param name="publishing">Stores frames and recipes.</param>
/// <param name="gate">Bounds what one caller sends.</param>
public sealed class UploadOperations(ICatalogue catalogue, StorePublishing publishing, UploadGate gate)
{
    private const int MaxFilesPerCall = 8192;
    private const int MaxHashesPerCall = 16_384;

    /// <summary>Frames or pieces between two renewals of a lease; its row is written at most once a minute.</summary>
    /// <remarks>A message that takes longer than Publish:IdleSeconds, 120 by default, ends the upload: 4 of them take
    /// at most 8 of the lease's 30 minutes, however slow the link is.</remarks>
    private const int RenewEvery = 4;

    /// <summary>The files that the product has already and the store can deliver, in the order of the request; null for
    /// others.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN, NOT_ALLOWED, TOO_LARGE.</exception>
    public async Task<IReadOnlyList<KnownFile?>> FindFilesAsync(
        Caller caller, Guid publish, IReadOnlyList<Digest> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        var lease = await RenewAsync(caller, publish, cancellationToken);
        CheckCount(files.Count, MaxFilesPerCall, "files");
        return await publishing.Files.FindAsync(lease.Product, files, cancellationToken);
    }

    /// <summary>The chunks that the domain of the product lacks: a bit for each hash, the lowest bit of the first byte
    /// first.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN, NOT_ALLOWED, TOO_LARGE.</exception>
    public async Task<ReadOnlyMemory<byte>> FindMissingAsync(
        Caller caller, Guid publish, ReadOnlyMemory<Digest> hashes, CancellationToken cancellationToken)
    {
        var lease = await RenewAsync(caller, publish, cancellationToken);
        CheckCount(hashes.Length, MaxHashesPerCall, "hashes");
        var missing = new byte[(hashes.Length + 7) / 8];
        await catalogue.Chunks.FindMissingAsync(lease.Domain, hashes, missing, cancellationToken);
        return missing;
    }

    /// <summary>Stores frames; when it returns, their chunks are durable.</summary>
    /// <param name="caller">The publisher.</param>
    /// <param name="frames">Disposed of one by one.</param>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN, NOT_ALLOWED, as <see cref="UploadGate.EnterAsync"/> and
    /// <see cref="FrameIntake.AddAsync"/>; TIMED_OUT: nothing came for too long, and what came before is
    /// durable.</exception>
    public async Task<FrameUploadFigures> PutFramesAsync(
        Caller caller, IAsyncEnumerable<PushedFrame> frames, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(caller);
        using var stream = await gate.EnterAsync(caller, cancellationToken);
        FrameIntake? intake = null;
        try
        {
            PublishLease? publish = null;
            var count = 0;
            var arriving = stream.ReadAsync(
                frames, pushed => pushed.Frame.Length,
                () => intake?.GiveWayAsync(cancellationToken) ?? Task.CompletedTask, cancellationToken);
            await foreach (var pushed in arriving)
            {
                using var _ = pushed;
                if (count++ % RenewEvery == 0 || ParsePublishId(pushed.PublishId.Span) != publish?.Id)
                    publish = await RenewAsync(caller, ParsePublishId(pushed.PublishId.Span), cancellationToken);
                intake ??= publishing.OpenFrames(publish, caller.Id);
                await intake.AddAsync(pushed.Frame, pushed.ChunkBytes, cancellationToken);
            }

            if (intake is null) return default;
            await intake.FinishAsync(cancellationToken);
            return new FrameUploadFigures(intake.NewChunks, intake.NewPlainBytes, intake.StoredBytes);
        }
        catch (ChunkOtaException late) when (late.Code == ErrorCodes.TimedOut && intake is not null)
        {
            await intake.FinishAsync(cancellationToken);
            throw;
        }
        finally
        {
            if (intake is not null) await intake.DisposeAsync();
        }
    }

    /// <summary>Stores recipes; when it returns, they are durable.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN, NOT_ALLOWED, TIMED_OUT, as
    /// <see cref="UploadGate.EnterAsync"/> and <see cref="RecipeIntake.AddAsync"/>.</exception>
    public async Task<RecipeUploadFigures> PutRecipesAsync(
        Caller caller, IAsyncEnumerable<IncomingRecipePiece> pieces, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        ArgumentNullException.ThrowIfNull(caller);
        using var stream = await gate.EnterAsync(caller, cancellationToken);
        RecipeIntake? intake = null;
        PublishLease? publish = null;
        var count = 0;
        await foreach (var piece in stream.ReadAsync(pieces, piece => piece.Bytes.Length, null, cancellationToken))
        {
            if (count++ % RenewEvery == 0 || piece.Publish != publish?.Id)
                publish = await RenewAsync(caller, piece.Publish, cancellationToken);
            intake ??= publishing.OpenRecipes(publish);
            await intake.AddAsync(piece.Bytes, piece.EndsRecipe, cancellationToken);
        }

        if (intake is null) return default;
        await intake.FinishAsync(cancellationToken);
        return new RecipeUploadFigures(intake.Recipes, intake.StoredBytes);
    }

    /// <summary>The id of a publish from its 16 bytes.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN: another length.</exception>
    public static Guid ParsePublishId(ReadOnlySpan<byte> publishId) => publishId.Length == 16
        ? new Guid(publishId)
        : throw new ChunkOtaException(
            ErrorCodes.PublishUnknown, $"a publish id is 16 bytes, not {publishId.Length}: begin the publish first");

    /// <summary>Finds a publish, renews its lease, and checks that the caller may continue it.</summary>
    private async ValueTask<PublishLease> RenewAsync(Caller caller, Guid publish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var lease = await catalogue.Publishes.RenewAsync(publish, cancellationToken);
        caller.DemandPublish(lease.Product);
        return lease;
    }

    private static void CheckCount(int count, int most, string what)
    {
        if (count > most)
            throw new ChunkOtaException(
                ErrorCodes.TooLarge, $"too many {what} in one call: {count}: ask for at most {most}");
    }
}
