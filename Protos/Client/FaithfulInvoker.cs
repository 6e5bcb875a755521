using Grpc.Core;

namespace ChunkOta.Client;

/// <summary>
/// Makes calls that have a deadline and fail as <see cref="ChunkOtaException"/>, whichever way they fail.
/// </summary>
internal sealed class FaithfulInvoker(
    CallInvoker inner, CallFailures failures, ServerAddress address, CallObserver? observer = null) : CallInvoker
{
    private readonly CallFailures _failures = failures;

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var observed = Observe(method);
        try
        {
            var response = inner.BlockingUnaryCall(
                method, host, Within(options, ServerConnection.UnaryDeadline), request);
            observed.End("OK");
            return response;
        }
        catch (RpcException e)
        {
            throw observed.End(_failures.Translate(e, options.CancellationToken));
        }
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = inner.AsyncUnaryCall(method, host, Within(options, ServerConnection.UnaryDeadline), request);
        return new AsyncUnaryCall<TResponse>(
            TranslateAsync(call.ResponseAsync, options.CancellationToken, Observe(method)),
            _ => TranslateAsync(call.ResponseHeadersAsync, options.CancellationToken),
            _ => call.GetStatus(), _ => call.GetTrailers(), _ => call.Dispose(), this);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = inner.AsyncServerStreamingCall(
            method, host, Within(options, ServerConnection.StreamDeadline), request);
        var observed = Observe(method);
        return new AsyncServerStreamingCall<TResponse>(
            new Reader<TResponse>(call.ResponseStream, _failures, observed, options.CancellationToken),
            _ => TranslateAsync(call.ResponseHeadersAsync, options.CancellationToken),
            _ => call.GetStatus(), _ => call.GetTrailers(), _ => End(call, observed), this);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = inner.AsyncClientStreamingCall(method, host, Within(options, ServerConnection.StreamDeadline));
        var response = TranslateAsync(call.ResponseAsync, options.CancellationToken, Observe(method));
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(call.RequestStream, response, _failures, options.CancellationToken), response,
            _ => TranslateAsync(call.ResponseHeadersAsync, options.CancellationToken),
            _ => call.GetStatus(), _ => call.GetTrailers(), _ => call.Dispose(), this);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = inner.AsyncDuplexStreamingCall(method, host, Within(options, ServerConnection.StreamDeadline));
        var observed = Observe(method);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            new Writer<TRequest>(call.RequestStream, null, _failures, options.CancellationToken),
            new Reader<TResponse>(call.ResponseStream, _failures, observed, options.CancellationToken),
            _ => TranslateAsync(call.ResponseHeadersAsync, options.CancellationToken),
            _ => call.GetStatus(), _ => call.GetTrailers(), _ => End(call, observed), this);
    }

    private static CallOptions Within(CallOptions options, TimeSpan time) => options.Deadline is null
        ? options.WithDeadline(TimeProvider.System.GetUtcNow().UtcDateTime + time)
        : options;

    /// <summary>Ends a call whose answer was perhaps not read to its end: the caller had all that it wanted.</summary>
    private static void End(IDisposable call, ObservedCall observed)
    {
        call.Dispose();
        observed.End("OK");
    }

    private ObservedCall Observe(IMethod method) => new(observer, address, method.FullName.TrimStart('/'));

    private async Task<T> TranslateAsync<T>(Task<T> call, CancellationToken cancellation, ObservedCall? observed = null)
    {
        try
        {
            var response = await call.ConfigureAwait(false);
            observed?.End("OK");
            return response;
        }
        catch (RpcException e)
        {
            var failure = _failures.Translate(e, cancellation);
            observed?.End(failure);
            throw failure;
        }
    }

    private sealed class Reader<T>(
        IAsyncStreamReader<T> inner, CallFailures failures, ObservedCall observed, CancellationToken cancellation)
        : IAsyncStreamReader<T>
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                var isMore = await inner.MoveNext(cancellationToken).ConfigureAwait(false);
                if (!isMore) observed.End("OK");
                return isMore;
            }
            catch (RpcException e)
            {
                throw observed.End(failures.Translate(
                    e, cancellationToken.IsCancellationRequested ? cancellationToken : cancellation));
            }
        }
    }

    /// <summary>
    /// A write to a call that the server has ended throws the call's own failure: gRPC itself would only say that the
    /// call is over.
    /// </summary>
    private sealed class Writer<T>(IClientStreamWriter<T> inner, Task? response, CallFailures failures,
        CancellationToken cancellation) : IClientStreamWriter<T>
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message) => RunAsync(inner.WriteAsync(message), cancellation);

        public Task WriteAsync(T message, CancellationToken cancellationToken) =>
            RunAsync(inner.WriteAsync(message, cancellationToken), cancellationToken);

        public Task CompleteAsync() => RunAsync(inner.CompleteAsync(), cancellation);

        private async Task RunAsync(Task step, CancellationToken stepCancellation)
        {
            try
            {
                await step.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                if (stepCancellation.IsCancellationRequested || cancellation.IsCancellationRequested)
                    throw new OperationCanceledException("The call was cancelled.", e, stepCancellation);
                // The failure that the server sent may still be on its way behind the reset that stopped the write.
                if (response is not null)
                    await WaitAsync(response).ConfigureAwait(false);
                throw e is RpcException failure
                    ? failures.Translate(failure, cancellation)
                    : failures.Broken(e);
            }
        }

        private static async Task WaitAsync(Task response)
        {
            if (response == await Task.WhenAny(
                response, Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false))
                await response.ConfigureAwait(false);
        }
    }
}
