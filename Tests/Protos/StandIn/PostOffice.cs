using Grpc.Core;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>A service with every kind of call, as protoc would write it but for a marshaller of its own.</summary>
internal static class PostOffice
{
    public static readonly Method<Parcel, Parcel> Send = Define(MethodType.Unary, "Send");
    public static readonly Method<Parcel, Parcel> Collect = Define(MethodType.ClientStreaming, "Collect");
    public static readonly Method<Parcel, Parcel> Deliver = Define(MethodType.ServerStreaming, "Deliver");
    public static readonly Method<Parcel, Parcel> Exchange = Define(MethodType.DuplexStreaming, "Exchange");

    /// <summary>Binds the methods alone when there is no clerk: that is how the server asks what they are.</summary>
    public static void BindService(ServiceBinderBase binder, Clerk? clerk)
    {
        binder.AddMethod(Send, clerk is null ? null : new UnaryServerMethod<Parcel, Parcel>(clerk.Send));
        binder.AddMethod(Collect, clerk is null ? null : new ClientStreamingServerMethod<Parcel, Parcel>(clerk.Collect));
        binder.AddMethod(Deliver, clerk is null ? null : new ServerStreamingServerMethod<Parcel, Parcel>(clerk.Deliver));
        binder.AddMethod(Exchange, clerk is null ? null : new DuplexStreamingServerMethod<Parcel, Parcel>(clerk.Exchange));
    }

    private static Method<Parcel, Parcel> Define(MethodType type, string name) =>
        new(type, "tests.PostOffice", name, Parcel.Marshaller, Parcel.Marshaller);

    [BindServiceMethod(typeof(PostOffice), nameof(BindService))]
    public abstract class Clerk
    {
        public abstract Task<Parcel> Send(Parcel request, ServerCallContext context);

        public abstract Task<Parcel> Collect(IAsyncStreamReader<Parcel> requestStream, ServerCallContext context);

        public abstract Task Deliver(
            Parcel request, IServerStreamWriter<Parcel> responseStream, ServerCallContext context);

        public abstract Task Exchange(IAsyncStreamReader<Parcel> requestStream,
            IServerStreamWriter<Parcel> responseStream, ServerCallContext context);
    }
}
