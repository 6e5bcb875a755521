namespace ChunkOta.Client;

/// <summary>Says who calls: asked anew for every call, since a device signs what it calls.</summary>
public interface ICallAuthorization
{
    /// <summary>The header that authorises one call. Called from any thread.</summary>
    /// <param name="method">The gRPC path, such as <c>/chunkota.v1.Devices/Report</c>.</param>
    /// <param name="authority">The <c>:authority</c> the call bears.</param>
    /// <returns>Name (lower case) and value, or null to send none.</returns>
    (string Name, string Value)? HeaderFor(string method, string authority);
}

/// <summary>A bearer token: admin, publisher or reader.</summary>
/// <param name="token">The whole token, <c>coa_…</c>. It is sent on every call and never written anywhere.</param>
public sealed class BearerAuthorization(string token) : ICallAuthorization
{
    private readonly string _value = $"Bearer {token}";

    /// <inheritdoc/>
    public (string Name, string Value)? HeaderFor(string method, string authority) => ("authorization", _value);

    /// <inheritdoc/>
    public override string ToString() => "Bearer ***";
}
