// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A token with nothing but balances, so that the state which the example proves is easy to find:
/// the mapping lies at storage slot 0, the balance of a holder at keccak256(holder, 0).
contract Token {
    mapping(address holder => uint256 balance) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}
