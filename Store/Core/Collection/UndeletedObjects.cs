namespace ChunkOta.Storage;

/// <summary>The objects that one collection could not delete.</summary>
internal sealed class UndeletedObjects
{
    /// <summary>A store that fails this often in a row deletes nothing at all.</summary>
    private const int MaxInARow = 8;

    private int _count;
    private int _inARow;
    private ObjectName _first;
    private StoreFailedException? _failure;

    /// <summary>True when the store fails for every object.</summary>
    public bool AreTooMany => _inARow == MaxInARow;

    /// <summary>Adds an object.</summary>
    public void Add(ObjectName name, StoreFailedException failure)
    {
        if (_count == 0) (_first, _failure) = (name, failure);
        _count++;
        _inARow++;
    }

    /// <summary>Notes that another object was deleted.</summary>
    public void Interrupt() => _inARow = 0;

    /// <exception cref="StoreUnavailableException">There are some.</exception>
    public void ThrowIfAny()
    {
        if (_failure is null) return;
        var detail = _failure.OperatorDetail is { Length: > 0 } known ? known : _failure.Message;
        throw new StoreUnavailableException(
            $"{_count} objects were not deleted and will be tried again: ask the server's operator to read its log",
            _failure)
        {
            OperatorDetail =
                $"{_count} objects were not deleted and will be tried again, the first: {_first}: {detail}",
        };
    }
}
